/// Comparison that takes as long for the first wrong byte as for the last, so that time tells nothing of a secret.
package enum ConstantTime {
    /// The length is not hidden: values of different lengths are told apart at once.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
