/// Chooses the faces of a picture that get a template, when which they are depends on what is found: of a film's frames, those that
/// a track still needs.
package protocol FaceChooser: AnyObject {
    /// - Parameter faces: in pixels of the upright picture, `width` × `height`; those of the answer, in the same order.
    /// - Returns: indices of the faces to cut out at full size and measure.
    func choose(_ faces: [DetectedFace], width: Int, height: Int) -> Set<Int>

    /// Whether a template is worth its time, now that the face is measured. Asked of those chosen only.
    func wantsTemplate(of face: Int, _ quality: FaceQuality) -> Bool

    /// Lends a face's pixels, chosen or not, before ``wantsTemplate(of:_:)`` is asked.
    func examine(_ view: FaceView, of face: Int)
}
