/// An upright rectangle in a picture's pixels; may reach past the picture's edges.
package struct FaceBox: Hashable, Sendable, Codable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var area: Double { max(0, width) * max(0, height) }
    package var centre: ImagePoint { ImagePoint(x: x + width / 2, y: y + height / 2) }

    /// Shared area divided by joint area, 0…1.
    package func intersectionOverUnion(_ other: FaceBox) -> Double {
        let wide = min(x + width, other.x + other.width) - max(x, other.x)
        let high = min(y + height, other.y + other.height) - max(y, other.y)
        guard wide > 0, high > 0 else { return 0 }
        let shared = wide * high
        return shared / (area + other.area - shared)
    }
}

/// The five points a face is aligned by. "Right" and "left" are the person's own: the right eye is on the
/// picture's left.
package struct FaceLandmarks: Hashable, Sendable, Codable {
    package var rightEye: ImagePoint
    package var leftEye: ImagePoint
    package var nose: ImagePoint
    package var rightMouth: ImagePoint
    package var leftMouth: ImagePoint

    package init(
        rightEye: ImagePoint, leftEye: ImagePoint, nose: ImagePoint, rightMouth: ImagePoint, leftMouth: ImagePoint
    ) {
        self.rightEye = rightEye
        self.leftEye = leftEye
        self.nose = nose
        self.rightMouth = rightMouth
        self.leftMouth = leftMouth
    }

    package var points: [ImagePoint] { [rightEye, leftEye, nose, rightMouth, leftMouth] }

    /// Distance of the eyes in pixels.
    package var interEyeDistance: Double { rightEye.distance(to: leftEye) }

    func map(_ transform: (ImagePoint) -> ImagePoint) -> FaceLandmarks {
        FaceLandmarks(
            rightEye: transform(rightEye), leftEye: transform(leftEye), nose: transform(nose),
            rightMouth: transform(rightMouth), leftMouth: transform(leftMouth))
    }
}

/// One face as the detector found it, in upright pixels of the original picture.
package struct DetectedFace: Hashable, Sendable {
    package var box: FaceBox
    package var landmarks: FaceLandmarks
    /// √(class score × objectness), 0…1.
    package var score: Double
}
