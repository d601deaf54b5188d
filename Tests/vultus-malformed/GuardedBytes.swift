import Glibc

/// Bytes behind which nothing may be read: what the sanitizer was compiled into is caught on the heap, and what it was not
/// (libjpeg-turbo, libpng) by a page that faults right behind the last byte.
enum GuardedBytes {
    enum Guard: CaseIterable { case heap, page }

    /// - Parameter body: is given exactly the bytes, in memory of their own.
    static func with<Answer>(_ bytes: [UInt8], _ kind: Guard, _ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        switch kind {
        case .heap:
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            defer { memory.deallocate() }
            memory.copyBytes(from: bytes)
            return body(UnsafeRawBufferPointer(memory))
        case .page:
            let page: Int = sysconf(Int32(_SC_PAGESIZE))
            let whole: Int = (bytes.count + page - 1) / page * page
            let start: UnsafeMutableRawPointer = mmap(nil, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            precondition(start != MAP_FAILED, "no memory for \(whole) bytes")
            defer { munmap(start, whole + page) }
            precondition(mprotect(start + whole, page, PROT_NONE) == 0)
            let first: UnsafeMutableRawPointer = start + whole - bytes.count
            bytes.withUnsafeBytes { if let source = $0.baseAddress { first.copyMemory(from: source, byteCount: bytes.count) } }
            return body(UnsafeRawBufferPointer(start: first, count: bytes.count))
        }
    }
}
