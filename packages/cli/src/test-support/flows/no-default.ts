export const workflow = 'not the default export';
