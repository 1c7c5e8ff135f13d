import { defineConfig } from '@paceline/gateway';

/** No step of this chain asks a model. */
export default defineConfig({ roles: {} });
