import FacePipeline

/// A part of the picture that says something about who is in it.
package struct Zone: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Where there are such zones, a track is decided on only once its face has been in one.
        case entry
        /// A track that is lost in one has left: its passage ends at once.
        case exit
    }

    package let name: String
    package let kind: Kind
    /// Corners in shares of the picture's width and height, (0, 0) top left; the last is joined with the first.
    package let corners: [ImagePoint]

    package init(name: String, kind: Kind, corners: [ImagePoint]) {
        self.name = name
        self.kind = kind
        self.corners = corners
    }

    /// - Parameter point: in shares of width and height.
    package func contains(_ point: ImagePoint) -> Bool {
        var isInside: Bool = false
        var last: ImagePoint? = corners.last
        for corner in corners {
            defer { last = corner }
            guard let other = last, (corner.y > point.y) != (other.y > point.y) else { continue }
            if point.x < (other.x - corner.x) * (point.y - corner.y) / (other.y - corner.y) + corner.x { isInside.toggle() }
        }
        return isInside
    }
}
