/// Why a face is not used, with what was measured and what is asked for.
package enum QualityRefusal: Hashable, Sendable, Codable {
    /// The eyes are too near each other, in pixels: come nearer, or use a picture of more pixels.
    case tooSmall(interEyeDistance: Double, least: Double)
    /// Hold still, clean the lens, focus.
    case blurred(sharpness: Double, least: Double)
    /// Degrees from looking straight ahead, and which way.
    case turned(axis: Axis, degrees: Double, most: Double)
    case tooDark(brightness: Double, least: Double)
    case tooBright(brightness: Double, most: Double)
    /// Share of the face outside the picture.
    case cutOff(share: Double, most: Double)
    /// The detector is not sure that this is a face: something covers it, or it is none.
    case lowDetection(score: Double, least: Double)

    package enum Axis: String, Hashable, Sendable, Codable {
        case yaw, pitch, roll
    }
}

/// What a face must measure to be used.
package struct QualityPolicy: Hashable, Sendable, Codable {
    /// Pixels of the original picture.
    package var leastInterEyeDistance: Double
    package var leastSharpness: Double
    /// Degrees, either way.
    package var mostYaw: Double
    package var mostPitch: Double
    package var mostRoll: Double
    /// 0…1
    package var leastBrightness: Double
    package var mostBrightness: Double
    /// 0…1
    package var mostOutsideShare: Double
    /// 0…1
    package var leastDetectionScore: Double

    /// Everything that is wrong with a face, gravest first; empty when it may be used.
    package func refusals(of quality: FaceQuality) -> [QualityRefusal] {
        var found: [QualityRefusal] = []
        if quality.detectionScore < leastDetectionScore {
            found.append(.lowDetection(score: quality.detectionScore, least: leastDetectionScore))
        }
        if quality.interEyeDistance < leastInterEyeDistance {
            found.append(.tooSmall(interEyeDistance: quality.interEyeDistance, least: leastInterEyeDistance))
        }
        if quality.outsideShare > mostOutsideShare {
            found.append(.cutOff(share: quality.outsideShare, most: mostOutsideShare))
        }
        if quality.brightness < leastBrightness {
            found.append(.tooDark(brightness: quality.brightness, least: leastBrightness))
        }
        if quality.brightness > mostBrightness {
            found.append(.tooBright(brightness: quality.brightness, most: mostBrightness))
        }
        for (axis, degrees, most) in [
            (QualityRefusal.Axis.yaw, quality.yaw, mostYaw), (.pitch, quality.pitch, mostPitch),
            (.roll, quality.roll, mostRoll),
        ] where abs(degrees) > most {
            found.append(.turned(axis: axis, degrees: degrees, most: most))
        }
        if quality.sharpness < leastSharpness {
            found.append(.blurred(sharpness: quality.sharpness, least: leastSharpness))
        }
        return found
    }
}
