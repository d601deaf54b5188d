extension FacePipeline {
    /// How bright a picture is, in `columns` × `rows` cells: enough to see that something moved, at a fraction of a detection's time.
    /// - Parameter layout: of raw pixels; `nil` for a JPEG or PNG.
    /// - Returns: 0…255 each, row by row, as stored.
    /// - Throws: `.image` when the picture is refused.
    package func glance(_ buffer: UnsafeRawBufferPointer, as layout: RawLayout? = nil, columns: Int, rows: Int) throws(FacePipelineError) -> [UInt8] {
        var clock = StageClock()
        defer { lastTimings = clock.timings }
        do throws(ImageError) {
            guard buffer.count <= options.limits.bytes else { throw .tooManyBytes(count: buffer.count, limit: options.limits.bytes) }
            let header: ImageHeader = if let layout { ImageHeader(layout) } else { try ImageHeader.read(buffer) }
            try header.check(options.limits)
            let reduction = header.format == .jpeg ? 8 : 1
            let picture = try decode(buffer, header, reduction: reduction, into: decoded).pixels
            let levels = Self.levels(picture, columns: columns, rows: rows)
            clock.add(\.decode)
            return levels
        } catch {
            throw .image(error)
        }
    }

    private static func levels(_ picture: PixelBuffer, columns: Int, rows: Int) -> [UInt8] {
        let (width, height, pixels) = (picture.width, picture.height, picture.bytes)
        var levels: [UInt8] = []
        for row in 0..<rows {
            let lines = row * height / rows..<max(row * height / rows + 1, (row + 1) * height / rows)
            for column in 0..<columns {
                let span = column * width / columns..<max(column * width / columns + 1, (column + 1) * width / columns)
                var sum = 0
                for y in lines {
                    // Green is most of brightness.
                    for x in span { sum += Int(pixels[3 * (y * width + x) + 1]) }
                }
                levels.append(UInt8(sum / (lines.count * span.count)))
            }
        }
        return levels
    }
}
