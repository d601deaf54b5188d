/// How faces are looked for.
package struct DetectorOptions: Hashable, Sendable {
    /// The longer side of the picture the detector sees, in pixels; larger pictures are made smaller first. Default 640.
    package var size: Int
    /// The least detection score of a face, 0…1. Default 0.6: the faces of LFW score 0.864 or more, blurred, tiny and dark
    /// versions of a portrait 0.87 or more, so 0.6 loses none of them; what it lets in besides, quality judges.
    package var scoreThreshold: Double
    /// Candidates overlapping a better one by more than this share (IoU) are the same face; 0.3 as in OpenCV's FaceDetectorYN.
    package var overlapThreshold: Double
    /// At most so many faces a picture, best first.
    package var maximumFaces: Int

    package init(
        size: Int = 640, scoreThreshold: Double = 0.6, overlapThreshold: Double = 0.3, maximumFaces: Int = 256
    ) {
        precondition(size >= 32 && size <= 4096 && maximumFaces > 0)
        self.size = size
        self.scoreThreshold = scoreThreshold
        self.overlapThreshold = overlapThreshold
        self.maximumFaces = maximumFaces
    }
}
