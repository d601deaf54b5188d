/// What can be measured of a face before it is recognised.
package struct FaceQuality: Hashable, Sendable, Codable {
    /// Distance of the eyes in pixels of the original picture.
    package var interEyeDistance: Double
    /// Shorter side of the face's box in pixels of the original picture.
    package var boxSide: Double
    /// Detection score, 0…1.
    package var detectionScore: Double
    /// Fine detail relative to contrast: variance of the Laplacian of the aligned face's brightness, divided by the
    /// brightness' own variance. Independent of exposure; blur and enlargement lower it.
    package var sharpness: Double
    /// Degrees; positive when the person looks to the picture's right. From the nose's place between the eyes.
    package var yaw: Double
    /// Degrees; positive when the person looks up. From the nose's place between eyes and mouth.
    package var pitch: Double
    /// Degrees the head is tilted; positive clockwise in the picture.
    package var roll: Double
    /// Mean brightness of the aligned face, 0…1.
    package var brightness: Double
    /// Share of nearly black pixels (below 8 of 255) in the aligned face, 0…1.
    package var blackShare: Double
    /// Share of nearly white pixels (above 247 of 255) in the aligned face, 0…1.
    package var whiteShare: Double
    /// Share of the aligned face (eyes, nose, mouth, cheeks) that lies outside the picture, 0…1.
    package var outsideShare: Double
}

extension FaceQuality {
    /// - Parameters:
    ///   - face: in pixels of the upright original picture.
    ///   - outsideShare: of its aligned face.
    ///   - aligned: the same face, 112×112.
    init(_ face: DetectedFace, outsideShare: Double, aligned: PixelBuffer) {
        interEyeDistance = face.landmarks.interEyeDistance
        boxSide = min(face.box.width, face.box.height)
        detectionScore = face.score
        self.outsideShare = outsideShare
        let pose = FacePose(face.landmarks)
        (yaw, pitch, roll) = (pose.yaw, pose.pitch, pose.roll)
        let light = FaceBrightness(aligned)
        (sharpness, brightness) = (light.sharpness, light.mean)
        (blackShare, whiteShare) = (light.blackShare, light.whiteShare)
    }
}
