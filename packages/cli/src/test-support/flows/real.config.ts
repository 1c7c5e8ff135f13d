import { defineConfig } from '@paceline/gateway';

export default defineConfig({ roles: { classify: ['openai/gpt-4.1-mini'] } });
