export type StoreEngine = 'sqlite' | 'mariadb'
