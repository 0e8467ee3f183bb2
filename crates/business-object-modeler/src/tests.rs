mod catalogs;
mod first_models;
mod generated;
mod guide;
mod lab;
mod live;
mod measured;
