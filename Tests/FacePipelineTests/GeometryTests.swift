import Testing

@testable import FacePipeline

@Suite struct GeometryTests {
    private func face(_ x: Double, _ y: Double, _ side: Double, score: Double) -> DetectedFace {
        let point = ImagePoint(x: x, y: y)
        return DetectedFace(
            box: FaceBox(x: x, y: y, width: side, height: side),
            landmarks: FaceLandmarks(rightEye: point, leftEye: point, nose: point, rightMouth: point, leftMouth: point),
            score: score)
    }

    private func landmarks(_ points: [ImagePoint]) -> FaceLandmarks {
        FaceLandmarks(
            rightEye: points[0], leftEye: points[1], nose: points[2], rightMouth: points[3], leftMouth: points[4])
    }

    @Test("one candidate per face is kept, the best")
    func suppression() {
        let kept = NonMaximumSuppression.apply(
            [face(0, 0, 10, score: 0.7), face(1, 1, 10, score: 0.9), face(40, 0, 10, score: 0.8), face(9, 9, 10, score: 0.65)],
            threshold: 0.3, limit: 10)
        #expect(kept.map(\.score) == [0.9, 0.8, 0.65])
    }

    @Test("of equal candidates the first is kept, and no more than the limit")
    func suppressionTies() {
        let kept = NonMaximumSuppression.apply(
            [face(0, 0, 10, score: 0.8), face(1, 0, 10, score: 0.8), face(50, 0, 10, score: 0.8), face(90, 0, 10, score: 0.8)],
            threshold: 0.3, limit: 2)
        #expect(kept.map(\.box.x) == [0, 50])
    }

    @Test("overlap is shared area over joint area")
    func overlap() {
        let one = FaceBox(x: 0, y: 0, width: 10, height: 10)
        #expect(one.intersectionOverUnion(one) == 1)
        #expect(one.intersectionOverUnion(FaceBox(x: 5, y: 0, width: 10, height: 10)) == 50.0 / 150)
        #expect(one.intersectionOverUnion(FaceBox(x: 10, y: 0, width: 10, height: 10)) == 0)
    }

    @Test("alignment undoes a known turn, scale and shift")
    func similarity() throws {
        let angle = (0.8, 0.6)
        let known = AffineTransform(a: 2.5 * angle.0, b: -2.5 * angle.1, tx: 200, c: 2.5 * angle.1, d: 2.5 * angle.0, ty: -30)
        let found = try #require(FaceAligner.similarity(landmarks(FaceAligner.reference.map(known.apply))))
        for point in FaceAligner.reference {
            let back = found.apply(known.apply(point))
            #expect(back.distance(to: point) < 1e-9)
        }
    }

    @Test("alignment is the least-squares one: no small change of it comes nearer")
    func leastSquares() throws {
        let source = [(30.0, 40.0), (90, 35), (62, 70), (38, 100), (85, 104)].map { ImagePoint(x: $0.0, y: $0.1) }
        let best = try #require(FaceAligner.similarity(from: source, to: FaceAligner.reference))
        func error(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
            let map = AffineTransform(a: a, b: -b, tx: x, c: b, d: a, ty: y)
            return zip(source, FaceAligner.reference).reduce(0) {
                let distance = map.apply($1.0).distance(to: $1.1)
                return $0 + distance * distance
            }
        }
        let least = error(best.a, best.c, best.tx, best.ty)
        for step in [-1e-3, 1e-3] {
            #expect(error(best.a + step, best.c, best.tx, best.ty) > least)
            #expect(error(best.a, best.c + step, best.tx, best.ty) > least)
            #expect(error(best.a, best.c, best.tx + step, best.ty) > least)
            #expect(error(best.a, best.c, best.tx, best.ty + step) > least)
        }
    }

    @Test("landmarks on one point cannot be aligned")
    func degenerate() {
        #expect(FaceAligner.similarity(landmarks(Array(repeating: ImagePoint(x: 5, y: 5), count: 5))) == nil)
    }

    @Test("an unturned warp copies pixels, and what lies outside is black")
    func warp() {
        let picture = PixelBuffer(width: 120, height: 100)
        for index in picture.bytes.indices { picture.bytes[index] = UInt8(index % 251) }
        let target = PixelBuffer(width: 1, height: 1)
        FaceAligner.warp(picture, toPicture: AffineTransform(a: 1, b: 0, tx: 5, c: 0, d: 1, ty: 0), into: target)
        #expect(target.array[0] == picture.array[15])
        #expect(target.array[3 * (50 * 112 + 20) + 1] == picture.array[3 * (50 * 120 + 25) + 1])
        #expect(target.array[3 * (105 * 112 + 20)] == 0)
    }

    @Test("a warp that shrinks a lot averages instead of picking pixels")
    func antialias() {
        let picture = PixelBuffer(width: 896, height: 896)
        for y in 0..<896 {
            for x in 0..<896 {
                for channel in 0..<3 { picture.bytes[3 * (y * 896 + x) + channel] = (x + y) % 2 == 0 ? 255 : 0 }
            }
        }
        let target = PixelBuffer(width: 1, height: 1)
        FaceAligner.warp(picture, toPicture: .resize(x: 8, y: 8), into: target)
        #expect(target.array.allSatisfy { abs(Int($0) - 128) < 12 })
    }

    @Test("pose: straight ahead, turned and tilted")
    func pose() {
        let straight = FacePose(landmarks(FaceAligner.reference))
        #expect(abs(straight.yaw) < 2 && abs(straight.pitch) < 2 && abs(straight.roll) < 1)
        var turned = FaceAligner.reference
        turned[2].x += 10
        #expect(FacePose(landmarks(turned)).yaw > 25)
        var up = FaceAligner.reference
        up[2].y -= 8
        #expect(FacePose(landmarks(up)).pitch > 20)
        let tilted = FaceAligner.reference.map(AffineTransform(a: 0.866, b: -0.5, tx: 0, c: 0.5, d: 0.866, ty: 0).apply)
        #expect(abs(FacePose(landmarks(tilted)).roll - 30) < 1)
        #expect(abs(FacePose(landmarks(tilted)).yaw) < 2)
    }

    @Test("detector grid: a cell's answer is decoded as in OpenCV's FaceDetectorYN")
    func grid() {
        var classes = [Float](repeating: 0, count: 12)
        var boxes = [Float](repeating: 0, count: 48)
        var points = [Float](repeating: 0, count: 120)
        // Cell 6 of a 4 × 3 grid at stride 8: column 2, row 1.
        classes[6] = 0.81
        boxes.replaceSubrange(24..<28, with: [0.5, -0.25, 0.6931472, 0])
        points[60] = 1
        points[61] = -1
        var found: [DetectedFace] = []
        let objects = [Float](repeating: 1, count: 12)
        classes.withUnsafeBufferPointer { c in
            objects.withUnsafeBufferPointer { o in
                boxes.withUnsafeBufferPointer { b in
                    points.withUnsafeBufferPointer { p in
                        DetectorGrid(stride: 8, columns: 4, classes: c, objects: o, boxes: b, landmarks: p)
                            .collect(above: 0.6, into: &found)
                    }
                }
            }
        }
        #expect(found.count == 1)
        #expect(abs(found[0].score - 0.9) < 1e-6)
        #expect(abs(found[0].box.x - (20 - 8)) < 1e-4 && abs(found[0].box.y - (6 - 4)) < 1e-9)
        #expect(abs(found[0].box.width - 16) < 1e-4 && found[0].box.height == 8)
        #expect(found[0].landmarks.rightEye == ImagePoint(x: 24, y: 0))
        #expect(found[0].landmarks.leftEye == ImagePoint(x: 16, y: 8))
    }
}
