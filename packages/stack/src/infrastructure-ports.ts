export const infrastructurePorts = ['kafka', 'kafka-controller', 'registry', 'registry-management', 'postgres', 'redis', 'sftp'] as const;
