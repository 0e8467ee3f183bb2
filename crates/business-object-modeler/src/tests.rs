mod catalogs;
mod first_models;
mod generated;
mod lab;
mod live;
mod measured;
