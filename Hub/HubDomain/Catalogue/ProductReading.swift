import HubStorage
import WireModel

/// A product as who sells it sees it.
package struct ListedProduct: Sendable {
    package let product: Product
    /// How often it was bought.
    package let sold: Int64
}

extension Hub {
    /// Newest first, those that are sold no more too.
    package func products() async throws -> [ListedProduct] {
        try await database.read { connection in
            let sold: [String: Int64] = try connection.rows("SELECT product_id, count(*) AS count FROM purchase GROUP BY product_id", []).reduce(into: [:]) {
                $0[try $1.text("product_id")] = try $1.integer("count")
            }
            return try connection.rows("SELECT * FROM product ORDER BY id DESC", []).map { row in
                let product = try Product(row)
                return ListedProduct(product: product, sold: sold[product.id.rawValue] ?? 0)
            }
        }
    }

    /// - Throws: `not_found` for one that is not for sale now.
    package func productForSale(_ id: ProductID) async throws -> Product {
        let now: Timestamp = now()
        return try await database.read { connection in
            guard
                let row = try connection.firstRow(
                    "SELECT * FROM product WHERE id = ? AND withdrawn_ms IS NULL AND effective_ms <= ?", [.text(id.rawValue), .integer(now.milliseconds)])
            else { throw Problem.nothing("product for sale", id.rawValue) }
            return try Product(row)
        }
    }
}
