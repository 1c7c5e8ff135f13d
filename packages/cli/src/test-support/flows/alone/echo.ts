/** A workflow with no config beside it. */
export { default } from '../echo.ts';
