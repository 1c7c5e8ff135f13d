import { defineConfig } from '@paceline/gateway';

/** Refused by the gateway after it has been set up: a target needs a provider and a model. */
export default defineConfig(({ env }) => ({
  roles: { classify: ['nonsense'] },
  onClose: () => void Object.assign(env, { CLOSED: 'yes' }),
}));
