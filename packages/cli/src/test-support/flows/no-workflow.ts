export default { initial: 'nowhere' };
