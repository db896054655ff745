-- Beside `vigil`, which the image of PostgreSQL makes itself.
CREATE DATABASE vigil_warehouse;
CREATE DATABASE vigil_research;
CREATE DATABASE registry;
