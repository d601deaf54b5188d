import Biometrics
import FacePipeline

/// A face as the detector found it in one frame, in pixels of the upright picture.
package struct FaceSight: Sendable, Hashable {
    package let box: FaceBox
    package let landmarks: FaceLandmarks

    package init(box: FaceBox, landmarks: FaceLandmarks) {
        self.box = box
        self.landmarks = landmarks
    }
}

/// What was measured of a face of the frame, and what its template said where one was asked for.
package struct FaceReading<Person: Hashable & Sendable>: Sendable {
    package let quality: FaceQuality
    package let template: Template?
    /// Of ``template``.
    package let vote: Vote<Person>?

    package init(quality: FaceQuality, template: Template? = nil, vote: Vote<Person>? = nil) {
        self.quality = quality
        self.template = template
        self.vote = vote
    }
}

extension FaceQuality {
    /// How good a shot is, 0…1: large, sharp, from the front, surely a face. From eyes 60 pixels apart and a sharpness of 0.1 (the
    /// median of LFW's) on there is nothing to gain.
    var shotValue: Double {
        let front: Double = max(0, 1 - abs(yaw) / 90) * max(0, 1 - abs(pitch) / 90)
        return min(1, interEyeDistance / 60) * min(1, sharpness / 0.1) * front * max(0, min(1, detectionScore))
    }
}
