import EdgeAgent
import FrameCapture
import Glibc
import WireModel

/// Handles pictures one by one, going on after a bad one.
struct PictureLoop {
    let paths: [String]
    let limit: Int

    /// - Parameters:
    ///   - each: one readable picture; `-` among the paths is a JPEG stream on standard input.
    ///   - failed: one that could not be read or handled.
    /// - Returns: the first problem; what no other picture could mend ends the loop at once.
    func run(each: (Frame) async throws(Problem) -> Void, failed: (String, Problem) -> Void) async -> Problem? {
        var first: Problem?
        func fail(_ name: String, _ problem: Problem) {
            failed(name, problem)
            first = first ?? problem
        }
        for path in paths {
            do throws(SourceFault) {
                let files = PictureFile(limit: limit)
                let frames: [String] = path == "-" ? [] : try files.pictures(at: path)
                if path != "-", frames.isEmpty {
                    fail(path, Problem(.notFound, "The folder holds no pictures.", detail: path, remedy: "Put .jpg, .jpeg or .png files into it."))
                }
                for name in frames {
                    do throws(SourceFault) {
                        if let problem = await handle(try files.read(name), each: each) {
                            fail(name, problem)
                            if problem.code.endsTheLoop { return first }
                        }
                    } catch {
                        fail(name, Problem(error, name: name))
                    }
                }
                if path == "-" { try await stream(each: each, fail: fail) }
            } catch {
                fail(path == "-" ? "standard input" : path, Problem(error, name: path))
            }
        }
        return first
    }

    private func handle(_ frame: Frame, each: (Frame) async throws(Problem) -> Void) async -> Problem? {
        do throws(Problem) {
            try await each(frame)
            return nil
        } catch {
            return error
        }
    }

    /// Every frame of standard input, in order: nothing is dropped, the writer waits.
    private func stream(each: (Frame) async throws(Problem) -> Void, fail: (String, Problem) -> Void) async throws(SourceFault) {
        var splitter = JPEGSplitter(limit: limit)
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var number: Int = 0
        while true {
            let count: Int = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno: errno) }
            guard count > 0 else { break }
            for picture in splitter.append(chunk[0..<count]) {
                number += 1
                let frame = Frame(bytes: picture, name: "frame \(number)", fingerprint: nil)
                if let problem = await handle(frame, each: each) {
                    fail(frame.name, problem)
                    if problem.code.endsTheLoop { return }
                }
            }
        }
        guard number > 0, splitter.pending == 0 else { throw .notAStream }
    }
}

extension ProblemCode {
    /// The next picture would meet the same: store, models, lease.
    fileprivate var endsTheLoop: Bool {
        switch exitCode {
        case 65, 66: false
        default: true
        }
    }
}
