"""Local services for people without a database server: Postgres and Valkey out of wheels, and who watches over them."""
