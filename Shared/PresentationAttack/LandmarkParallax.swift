import FacePipeline
import Glibc

/// Whether five landmarks moved as those of something flat that is turned sideways.
///
/// Seen from far enough (affine camera), the landmarks of a rigid body over F frames, each frame centred, make a 2F×5 matrix of rank 3;
/// of a plane, of rank 2 (Tomasi and Kanade, "Shape and motion from image streams under orthography", IJCV 9, 1992). The third singular
/// value is the depth; how much narrower the face became is the turn. A narrow face without depth is a plane. It tells nothing of a face
/// that keeps its pose or nods, of a bent print, nor of a film of a head.
struct LandmarkParallax {
    /// How far the pose changed, degrees, from foreshortening alone. A still face's jitter looks like 10 to 25.
    let turn: Double
    /// Distance of the eyes against that from eyes to mouth where the face is narrowest. From the front it is 0.88 to 1.05 as YuNet sees it.
    let narrowest: Double
    /// Root mean square of what is not in a plane, in distances of the eyes.
    let depth: Double

    /// Sights, at least.
    static let least: Int = 10

    /// - Parameter sights: landmarks by frame; `nil` of fewer than ``least``.
    init?(_ sights: [FaceLandmarks]) {
        guard sights.count >= Self.least else { return nil }
        var aspects: [Double] = []
        var gram: [[Double]] = Array(repeating: Array(repeating: 0, count: 5), count: 5)
        for landmarks in sights {
            let points: [ImagePoint] = landmarks.points
            let eyes: Double = landmarks.rightEye.distance(to: landmarks.leftEye)
            let upper = ImagePoint(x: (points[0].x + points[1].x) / 2, y: (points[0].y + points[1].y) / 2)
            let lower = ImagePoint(x: (points[3].x + points[4].x) / 2, y: (points[3].y + points[4].y) / 2)
            let height: Double = upper.distance(to: lower)
            // The length that is foreshortened less says how large the face is: template faces are 1.155 eye distances long.
            let size: Double = max(eyes, height / 1.155)
            guard size > 1 else { return nil }
            aspects.append(eyes / max(height, 1e-6))
            let centre = ImagePoint(x: points.reduce(0) { $0 + $1.x } / 5, y: points.reduce(0) { $0 + $1.y } / 5)
            let centred: [(Double, Double)] = points.map { (($0.x - centre.x) / size, ($0.y - centre.y) / size) }
            for row in 0..<5 {
                for column in 0..<5 { gram[row][column] += centred[row].0 * centred[column].0 + centred[row].1 * centred[column].1 }
            }
        }
        let smooth: [Double] = aspects.indices.dropFirst().dropLast().map { [aspects[$0 - 1], aspects[$0], aspects[$0 + 1]].sorted()[1] }.sorted()
        let (low, high) = (smooth[smooth.count / 10], smooth[smooth.count - 1 - smooth.count / 10])
        narrowest = low
        turn = acos(max(0, min(1, low / high))) * 180 / Double.pi
        depth = (max(0, SymmetricEigenvalues.of(gram)[2]) / Double(sights.count)).squareRoot()
    }

    /// `nil` where the face was not seen from the side. Heads that turned so far showed a depth of 0.065 and more through YuNet, planes
    /// 0.015 to 0.05 (`Tests/Benchmarks/presentations.py`).
    var reading: CueReading? {
        guard turn >= 22, narrowest <= 0.86 else { return nil }
        return CueReading(.parallax, suspicion: turn.ramp(22, 29) * (1 - narrowest.ramp(0.8, 0.86)) * (1 - depth.ramp(0.04, 0.055)), measured: depth)
    }
}

/// Eigenvalues of small symmetric matrices, by Jacobi's rotations.
enum SymmetricEigenvalues {
    /// Largest first.
    static func of(_ matrix: [[Double]]) -> [Double] {
        var a: [[Double]] = matrix
        let size: Int = a.count
        for _ in 0..<30 {
            var off: Double = 0
            for p in 0..<size {
                for q in p + 1..<size {
                    off += a[p][q] * a[p][q]
                    guard abs(a[p][q]) > 1e-15 else { continue }
                    let theta: Double = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t: Double = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c: Double = 1 / (t * t + 1).squareRoot()
                    let s: Double = t * c
                    for k in 0..<size { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<size { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                }
            }
            if off < 1e-20 { break }
        }
        return (0..<size).map { a[$0][$0] }.sorted(by: >)
    }
}
