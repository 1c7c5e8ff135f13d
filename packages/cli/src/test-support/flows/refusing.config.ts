import { defineConfig, GatewayError } from '@paceline/gateway';

export default defineConfig(() => {
  throw new GatewayError('CONFIG_INVALID', 'Looked for SOME_KEY and found none.');
});
