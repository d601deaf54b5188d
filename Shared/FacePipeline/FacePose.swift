import Glibc

/// eˣ, from the C library.
package func exponential(_ value: Double) -> Double { exp(value) }

/// Head pose estimated from five points: good to about ten degrees, enough to tell a face that is turned away.
struct FacePose {
    /// Degrees; as in `FaceQuality`.
    let yaw: Double
    let pitch: Double
    let roll: Double

    /// The nose's tip stands out of the plane of eyes and mouth by about half the distance of the eyes (adult means: 30
    /// of 63 mm), so turning the head by θ moves it across that plane by ½·tan θ eye distances.
    private static let noseDepth = 0.5

    /// Template values of a face seen from the front: eyes to mouth over eye distance, and how far down that way the nose is.
    private static let faceLength = 40.69 / FaceAligner.interEyeDistance
    private static let noseHeight = 0.495

    init(_ landmarks: FaceLandmarks) {
        let eyes = ImagePoint(
            x: (landmarks.rightEye.x + landmarks.leftEye.x) / 2, y: (landmarks.rightEye.y + landmarks.leftEye.y) / 2)
        let mouth = ImagePoint(
            x: (landmarks.rightMouth.x + landmarks.leftMouth.x) / 2,
            y: (landmarks.rightMouth.y + landmarks.leftMouth.y) / 2)
        let degrees = 180 / Double.pi
        roll =
            degrees
            * atan2(
                landmarks.leftEye.y - landmarks.rightEye.y, landmarks.leftEye.x - landmarks.rightEye.x)
        let down = ImagePoint(x: mouth.x - eyes.x, y: mouth.y - eyes.y)
        let length = max(1e-6, (down.x * down.x + down.y * down.y).squareRoot())
        let nose = ImagePoint(x: landmarks.nose.x - eyes.x, y: landmarks.nose.y - eyes.y)
        // Along the line from eyes to mouth, and across it towards the picture's right.
        let along = (nose.x * down.x + nose.y * down.y) / length
        let across = (nose.x * down.y - nose.y * down.x) / length
        // Turning sideways narrows the eyes and nodding shortens the face; of the two sizes the larger is less distorted.
        let eyeDistance = max(landmarks.interEyeDistance, length / Self.faceLength)
        yaw = degrees * atan(across / eyeDistance / Self.noseDepth)
        pitch = degrees * atan((Self.noseHeight - along / length) * Self.faceLength / Self.noseDepth)
    }
}
