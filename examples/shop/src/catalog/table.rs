//! The table of products, and how a row becomes a product.

use atlas::db::sea_orm::{self, entity::prelude::*};

use super::{Money, Product, ProductDetails, ProductId};

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) id: String,
    pub(super) name: String,
    #[sea_orm(column_type = "Text")]
    pub(super) description: String,
    pub(super) picture: String,
    pub(super) price_units: i64,
    pub(super) price_nanos: i32,
    pub(super) price_currency: String,
    /// Each between two commas, so that one is found on every engine: `,clothing,tops,`.
    #[sea_orm(column_type = "Text")]
    pub(super) categories: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Product {
    fn from(row: Model) -> Self {
        let price = Money {
            currency_code: row.price_currency,
            units: row.price_units,
            nanos: row.price_nanos,
        };
        Self {
            id: ProductId::from_column(row.id),
            details: ProductDetails {
                name: row.name,
                description: row.description,
                picture: row.picture,
                price,
                categories: row
                    .categories
                    .split(',')
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect(),
            },
        }
    }
}

impl From<Product> for Model {
    fn from(Product { id, details }: Product) -> Self {
        Self {
            id: id.into_column(),
            name: details.name,
            description: details.description,
            picture: details.picture,
            price_units: details.price.units,
            price_nanos: details.price.nanos,
            price_currency: details.price.currency_code,
            categories: format!(",{},", details.categories.join(",")),
        }
    }
}

/// A row with every column to be written.
pub(super) fn row(product: Product) -> ActiveModel {
    ActiveModel::from(Model::from(product)).reset_all()
}
