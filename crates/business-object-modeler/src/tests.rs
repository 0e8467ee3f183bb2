mod catalogs;
mod first_models;
mod generated;
mod guesses;
mod guide;
mod lab;
mod live;
mod measured;
