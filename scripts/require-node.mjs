// Runs before every installation, on the host's own Node, so it must parse on old ones.
// On Linux the lockfile brings a Node of its own; elsewhere the host's must strip types and have node:sqlite.
const bringsItsOwn = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const [major, minor] = process.versions.node.split('.').map(Number);
if (!bringsItsOwn && (major < 22 || (major === 22 && minor < 19))) {
  console.error(`Paceline needs Node 22.19 or newer on ${process.platform}; this is ${process.version}.`);
  process.exit(1);
}
