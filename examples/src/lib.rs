//! Runnable examples; each opens with what it shows.
