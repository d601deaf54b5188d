// Where the limits come from: the 1,549 development pictures of LFW, all of them recognisable faces (10-fold accuracy
// 0.992 with none left out), and one sharp portrait (eyes 115 px apart) made worse step by step, with the score of each
// step against the portrait itself:
//
//   blurred by a Gaussian of 4, 6, 8, 12 px: sharpness 0.043, 0.017, 0.010, 0.008; score 0.93, 0.86, 0.73, 0.50
//   made smaller to eyes 29, 20, 17, 11 px apart: score 0.97, 0.93, 0.87, 0.83
//   darkened to brightness 0.17, 0.11, 0.055, 0.027: score 0.93, 0.91, 0.83, 0.48
//   brightened to 0.74, 0.85, 0.92, 0.97: score 0.96, 0.87, 0.74, 0.40
//
// LFW itself, 0.5 % … median … 99.5 % of faces: eyes 26 … 44 … 58 px; sharpness 0.018 … 0.095 … 0.38; |yaw| … 11 … 41°;
// |pitch| … 8 … 21°; |roll| … 1.5 … 7.5°; brightness 0.28 … 0.51 … 0.73; detection score 0.893 … 0.929 … 0.947.
extension QualityPolicy {
    /// For a probe: refuses only what would score too low to be worth a comparison. Refuses 3 of those 1,549 faces.
    package static let identification = QualityPolicy(
        leastInterEyeDistance: 18, leastSharpness: 0.012, mostYaw: 45, mostPitch: 35, mostRoll: 45,
        leastBrightness: 0.06, mostBrightness: 0.9, mostOutsideShare: 0.3, leastDetectionScore: 0.6)

    /// For a reference, which every later probe is compared with: eyes at least as far apart as in the aligned face (35 px,
    /// so nothing is made up by enlarging), nearly whole and roughly from the front. Refuses 9 % of them.
    package static let enrolment = QualityPolicy(
        leastInterEyeDistance: 35, leastSharpness: 0.03, mostYaw: 35, mostPitch: 25, mostRoll: 30,
        leastBrightness: 0.12, mostBrightness: 0.82, mostOutsideShare: 0.1, leastDetectionScore: 0.8)
}
