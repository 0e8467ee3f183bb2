mod catalogs;
mod first_models;
mod generated;
