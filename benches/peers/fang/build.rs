//! Gathers the migrations of the library, which its users are asked to copy.

fn main() -> anyhow::Result<()> {
    shipped_sql::concatenate("fang", "postgres_migrations")
}
