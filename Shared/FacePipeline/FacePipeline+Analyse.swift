import Biometrics

/// A decoded picture, as stored, and how upright original pixels map into it.
struct DecodedPicture {
    let pixels: PixelBuffer
    let reduction: Int
    /// Upright original pixels → pixels of `pixels`.
    let fromUpright: AffineTransform
}

extension FacePipeline {
    /// Analyses one JPEG or PNG in memory, which must stay unchanged until the call returns.
    /// - Parameter chooser: chooses in place of `embed`, once the faces are found.
    /// - Throws: as the same call on an array.
    package func analyse(
        _ bytes: UnsafeRawBufferPointer, embed: EmbeddingSelection = .all, chooser: (any FaceChooser)? = nil
    ) throws(FacePipelineError) -> AnalysedImage {
        try analyse(bytes, embed: embed, chooser: chooser) { (bytes) throws(ImageError) in try ImageHeader.read(bytes) }
    }

    /// Analyses one picture of raw pixels in memory, which must stay unchanged until the call returns.
    /// - Throws: `.image` when the bytes do not go with the layout; otherwise as for encoded pictures.
    package func analyse(
        _ bytes: UnsafeRawBufferPointer, as layout: RawLayout, embed: EmbeddingSelection = .all, chooser: (any FaceChooser)? = nil
    ) throws(FacePipelineError) -> AnalysedImage {
        try analyse(bytes, embed: embed, chooser: chooser) { (_) throws(ImageError) in ImageHeader(layout) }
    }

    private func analyse(
        _ bytes: UnsafeRawBufferPointer, embed: EmbeddingSelection, chooser: (any FaceChooser)?,
        header read: (UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader
    ) throws(FacePipelineError) -> AnalysedImage {
        var clock = StageClock()
        defer { lastTimings = clock.timings }
        do {
            guard bytes.count <= options.limits.bytes else {
                throw ImageError.tooManyBytes(count: bytes.count, limit: options.limits.bytes)
            }
            let header = try read(bytes)
            try header.check(options.limits)
            clock.add(\.decode)
            try load(embedding: embed != .none && embed != .measured)
            clock.add(\.load)
            let picture = try decode(bytes, header, reduction: detectionReduction(header), into: decoded)
            clock.add(\.decode)
            let faces = try detect(picture, header).filter { FaceAligner.similarity($0.landmarks) != nil }
            clock.add(\.detect)
            let chosen = chooser?.choose(faces, width: header.uprightWidth, height: header.uprightHeight) ?? choose(faces, header, embed)
            let sharp = try crop(bytes, header, picture, faces: chosen.map { faces[$0] })
            clock.add(\.decode)

            var analysed: [AnalysedFace] = []
            for (index, face) in faces.enumerated() {
                guard let toUpright = FaceAligner.similarity(face.landmarks)?.inverse else { continue }
                let source = chosen.contains(index) ? sharp : picture
                FaceAligner.warp(source.pixels, toPicture: toUpright.then(source.fromUpright), into: aligned)
                let outside = FaceAligner.shareOutside(
                    toUpright, width: header.uprightWidth, height: header.uprightHeight)
                let quality = FaceQuality(face, outsideShare: outside, aligned: aligned)
                chooser?.examine(
                    FaceView(box: face.box, landmarks: face.landmarks, quality: quality, aligned: aligned, sharp: source, scene: picture), of: index)
                clock.add(\.align)
                let isWanted = chosen.contains(index) && embed != .measured && chooser?.wantsTemplate(of: index, quality) ?? true
                let template = isWanted ? try embedder?.embed(aligned) : nil
                clock.add(\.embed)
                analysed.append(
                    AnalysedFace(
                        box: face.box, landmarks: face.landmarks, detectionScore: face.score, quality: quality,
                        template: template))
            }
            return AnalysedImage(
                width: header.uprightWidth, height: header.uprightHeight, faces: analysed, timings: clock.timings)
        } catch let error as ImageError {
            throw .image(error)
        } catch let error as ModelError {
            throw .model(error)
        } catch let error as InferenceError {
            throw .inference(error)
        } catch {
            throw .inference(.runFailed(message: "\(error)"))
        }
    }

    func decode(
        _ bytes: UnsafeRawBufferPointer, _ header: ImageHeader, reduction: Int, into buffer: PixelBuffer
    ) throws(ImageError) -> DecodedPicture {
        try decoder.decode(bytes, header: header, reduction: reduction, into: buffer)
        let scale = 1 / Double(reduction)
        let map = header.orientation.storedFromUpright(width: header.width, height: header.height)
        return DecodedPicture(
            pixels: buffer, reduction: reduction, fromUpright: map.then(.resize(x: scale, y: scale)))
    }

    /// The largest reduction that still gives the detector all the pixels it looks at.
    private func detectionReduction(_ header: ImageHeader) -> Int {
        guard header.format == .jpeg else { return 1 }
        let longer = max(header.width, header.height)
        let wanted = min(longer, options.detector.size)
        return ImageDecoder.reductions.first { ImageDecoder.reduced(longer, by: $0) >= wanted } ?? 1
    }

    /// Faces in upright original pixels, largest first.
    private func detect(_ picture: DecodedPicture, _ header: ImageHeader) throws(InferenceError) -> [DetectedFace] {
        guard let detector else { return [] }
        var seen = picture.pixels
        let longer = max(seen.width, seen.height)
        if longer > options.detector.size {
            let scale = Double(options.detector.size) / Double(longer)
            shrunk.resize(
                width: max(1, Int((Double(seen.width) * scale).rounded())),
                height: max(1, Int((Double(seen.height) * scale).rounded())))
            AreaResampler.shrink(seen, into: shrunk)
            seen = shrunk
        }
        let scaleX = Double(picture.reduction * picture.pixels.width) / Double(seen.width)
        let scaleY = Double(picture.reduction * picture.pixels.height) / Double(seen.height)
        let swaps = header.orientation.swapsSides
        let toOriginal = AffineTransform.resize(x: swaps ? scaleY : scaleX, y: swaps ? scaleX : scaleY)
        if header.orientation != .up { seen = seen.upright(header.orientation) }
        let faces = try detector.detect(seen).map { face in
            let corner = toOriginal.apply(ImagePoint(x: face.box.x, y: face.box.y))
            return DetectedFace(
                box: FaceBox(
                    x: corner.x, y: corner.y, width: face.box.width * toOriginal.a,
                    height: face.box.height * toOriginal.d),
                landmarks: face.landmarks.map(toOriginal.apply), score: face.score)
        }
        // The detector's order decides between equals: sorted() is not stable by promise.
        return faces.enumerated().sorted { (-$0.element.box.area, $0.offset) < (-$1.element.box.area, $1.offset) }
            .map(\.element)
    }

    private func choose(_ faces: [DetectedFace], _ header: ImageHeader, _ selection: EmbeddingSelection) -> Set<Int> {
        switch selection {
        case .none: return []
        case .all, .measured: return Set(faces.indices)
        case .largest: return Set(faces.indices.prefix(1))
        case .leading(let count): return Set(faces.indices.prefix(max(0, count)))
        case .nearestCentre:
            let centre = ImagePoint(
                x: Double(header.uprightWidth - 1) / 2, y: Double(header.uprightHeight - 1) / 2)
            let nearest = faces.indices.min {
                faces[$0].box.centre.distance(to: centre) < faces[$1].box.centre.distance(to: centre)
            }
            return Set(nearest.map { [$0] } ?? [])
        }
    }

    /// The picture to cut faces out of: the one at hand when it shows all of them as large as the embedder wants them,
    /// otherwise a larger decode.
    private func crop(
        _ bytes: UnsafeRawBufferPointer, _ header: ImageHeader, _ picture: DecodedPicture, faces: [DetectedFace]
    ) throws(ImageError) -> DecodedPicture {
        guard picture.reduction > 1, let smallest = faces.map(\.landmarks.interEyeDistance).min() else { return picture }
        let enough = ImageDecoder.reductions.first { smallest / Double($0) >= FaceAligner.interEyeDistance } ?? 1
        guard enough < picture.reduction else { return picture }
        return try decode(bytes, header, reduction: enough, into: enlarged)
    }
}

/// Splits the time since it was made into stages.
struct StageClock {
    private(set) var timings = StageTimings()
    private var last = ContinuousClock.now

    /// Books the time since the last booking.
    mutating func add(_ stage: WritableKeyPath<StageTimings, Duration>) {
        let now = ContinuousClock.now
        timings[keyPath: stage] += now - last
        last = now
    }
}
