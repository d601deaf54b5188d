/// A point in a picture; pixel indices, so the centre of the first pixel is (0, 0).
package struct ImagePoint: Hashable, Sendable, Codable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    package func distance(to other: ImagePoint) -> Double {
        ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
    }
}

/// x' = a·x + b·y + tx, y' = c·x + d·y + ty.
struct AffineTransform: Equatable {
    var a: Double
    var b: Double
    var tx: Double
    var c: Double
    var d: Double
    var ty: Double

    func apply(_ point: ImagePoint) -> ImagePoint {
        ImagePoint(x: a * point.x + b * point.y + tx, y: c * point.x + d * point.y + ty)
    }

    /// First this one, then `next`.
    func then(_ next: AffineTransform) -> AffineTransform {
        AffineTransform(
            a: next.a * a + next.b * c, b: next.a * b + next.b * d, tx: next.a * tx + next.b * ty + next.tx,
            c: next.c * a + next.d * c, d: next.c * b + next.d * d, ty: next.c * tx + next.d * ty + next.ty)
    }

    /// `nil` when it flattens the plane.
    var inverse: AffineTransform? {
        let determinant = a * d - b * c
        guard determinant.isFinite, abs(determinant) > 1e-12 else { return nil }
        let (ia, ib, ic, id) = (d / determinant, -b / determinant, -c / determinant, a / determinant)
        return AffineTransform(a: ia, b: ib, tx: -(ia * tx + ib * ty), c: ic, d: id, ty: -(ic * tx + id * ty))
    }

    /// Pixel indices of a picture to those of the same picture `x`, `y` times larger. The half pixels keep edges on edges.
    static func resize(x: Double, y: Double) -> AffineTransform {
        AffineTransform(a: x, b: 0, tx: (x - 1) / 2, c: 0, d: y, ty: (y - 1) / 2)
    }
}
