/// What the brightness of an aligned face says of exposure and sharpness.
struct FaceBrightness {
    let mean: Double
    let blackShare: Double
    let whiteShare: Double
    let sharpness: Double

    init(_ face: PixelBuffer) {
        let pixels = face.bytes
        let width = face.width
        // Rec. 601 luma, in 1/256.
        var luma = [Int32](repeating: 0, count: width * face.height)
        for index in luma.indices {
            let (red, green, blue) = (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2])
            luma[index] = (77 * Int32(red) + 150 * Int32(green) + 29 * Int32(blue)) >> 8
        }
        var (sum, squares, black, white) = (0, 0, 0, 0)
        var (edges, edgeSquares) = (0, 0)
        for y in FaceAligner.skinRows {
            for x in FaceAligner.skinColumns {
                let index = y * width + x
                let value = Int(luma[index])
                sum += value
                squares += value * value
                if value < 8 { black += 1 }
                if value > 247 { white += 1 }
                let around = luma[index - 1] + luma[index + 1] + luma[index - width] + luma[index + width]
                let edge = Int(around - 4 * luma[index])
                edges += edge
                edgeSquares += edge * edge
            }
        }
        let count = Double(FaceAligner.skinRows.count * FaceAligner.skinColumns.count)
        func variance(_ sum: Int, _ squares: Int) -> Double {
            Double(squares) / count - (Double(sum) / count) * (Double(sum) / count)
        }
        mean = Double(sum) / count / 255
        blackShare = Double(black) / count
        whiteShare = Double(white) / count
        sharpness = variance(edges, edgeSquares) / max(1, variance(sum, squares))
    }
}
