import { defineConfig } from '@paceline/gateway';

export default defineConfig({ roles: {} });
