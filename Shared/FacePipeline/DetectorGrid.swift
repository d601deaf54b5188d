/// The detector's answers at one stride: one candidate face per cell.
struct DetectorGrid {
    let stride: Int
    let columns: Int
    let classes: UnsafeBufferPointer<Float>
    let objects: UnsafeBufferPointer<Float>
    /// dx, dy, log width, log height per cell, in strides from the cell.
    let boxes: UnsafeBufferPointer<Float>
    /// Five points per cell, in strides from the cell.
    let landmarks: UnsafeBufferPointer<Float>

    /// Appends the cells that score at least `threshold`, in reading order.
    func collect(above threshold: Double, into faces: inout [DetectedFace]) {
        let squared = Float(threshold * threshold)
        for cell in classes.indices {
            let product = min(1, max(0, classes[cell])) * min(1, max(0, objects[cell]))
            guard product >= squared else { continue }
            faces.append(face(cell, score: Double(product).squareRoot()))
        }
    }

    private func face(_ cell: Int, score: Double) -> DetectedFace {
        let (column, row, step) = (Double(cell % columns), Double(cell / columns), Double(stride))
        func value(_ index: Int) -> Double { Double(boxes[4 * cell + index]) }
        let centreX = (column + value(0)) * step
        let centreY = (row + value(1)) * step
        let width = exponential(value(2)) * step
        let height = exponential(value(3)) * step
        func point(_ index: Int) -> ImagePoint {
            ImagePoint(
                x: (column + Double(landmarks[10 * cell + 2 * index])) * step,
                y: (row + Double(landmarks[10 * cell + 2 * index + 1])) * step)
        }
        return DetectedFace(
            box: FaceBox(x: centreX - width / 2, y: centreY - height / 2, width: width, height: height),
            landmarks: FaceLandmarks(
                rightEye: point(0), leftEye: point(1), nose: point(2), rightMouth: point(3), leftMouth: point(4)),
            score: score)
    }
}
