//! Holds nothing: the examples are the `.rs` files beside `Cargo.toml`. Each opens with what it
//! shows and how to run it; `quickstart` is the one to begin with.
