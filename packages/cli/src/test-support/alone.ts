export { default } from './flows/echo.ts';
