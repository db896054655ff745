/** Where the part at this address listens; the first one of a list of brokers. */
export const hostAndPort = (address: string): { host: string; port: number } => {
  const url = new URL(address.includes('://') ? address : `kafka://${address.split(',')[0]}`);
  const usual = { 'postgresql:': 5432, 'redis:': 6379, 'https:': 443 }[url.protocol] ?? 80;
  return { host: url.hostname, port: Number(url.port) || usual };
};
