/// Max-min fair: whoever asks for little gets that, and the rest is for the others in equal parts.
enum FairSplit {
    /// Whoever asks for less than this part of an equal part gets it all the same: who has been quiet can begin.
    private static let floorPart: Int64 = 10

    /// Parts of `amount` for demands, in their order; together exactly `amount`. What nobody asks for is given in equal parts,
    /// so that more can be let through than was asked for of late.
    static func parts(of amount: Int64, for demands: [Int64]) -> [Int64] {
        let count = Int64(demands.count)
        guard count > 0 else { return [] }
        let floor = amount / (count * Self.floorPart)
        let wants = demands.map { max($0, floor) }
        let ascending = wants.indices.sorted { (wants[$0], $0) < (wants[$1], $1) }
        var parts = wants.map { _ in Int64(0) }
        var left = amount
        for (rank, index) in ascending.enumerated() {
            parts[index] = min(wants[index], left / (count - Int64(rank)))
            left -= parts[index]
        }
        let (each, odd) = left.quotientAndRemainder(dividingBy: count)
        for (rank, index) in ascending.reversed().enumerated() { parts[index] += each + (rank < odd ? 1 : 0) }
        return parts
    }
}
