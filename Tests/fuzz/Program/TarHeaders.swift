/// Puts the checksum of each tar header right (POSIX pax, "ustar Interchange Format": bytes 148 to 155 count as spaces).
func mendHeaders(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
    for start in stride(from: 0, to: bytes.count - 511, by: 512) {
        let block = UnsafeMutableBufferPointer(rebasing: bytes[start..<(start + 512)])
        guard block[257..<262].elementsEqual("ustar".utf8) else { continue }
        for place in 148..<156 { block[place] = 0x20 }
        var sum = block.reduce(0) { $0 + Int($1) }
        for place in stride(from: 153, through: 148, by: -1) {
            block[place] = UInt8(0x30 + sum % 8)
            sum /= 8
        }
        block[154] = 0
    }
}
