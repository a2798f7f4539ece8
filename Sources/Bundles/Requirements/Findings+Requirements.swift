/// The one judge of requirements, wherever they are written.
extension Findings {
    /// A line of requirements, and where it stands.
    struct RequirementLine {
        let text: String
        let position: Position
    }

    private static let mostRequirements = 1000

    /// The requirements in their one form, sorted, none twice; what is wrong with any is reported, all at once.
    func requirements(_ lines: [RequirementLine]) -> [String] {
        var found: Set<String> = []
        for (number, line) in lines.enumerated() {
            if number == Self.mostRequirements {
                add(.tooLarge, "there are more than \(Self.mostRequirements) requirements", at: line.position)
                break
            }
            do throws(Requirement.Fault) {
                found.insert(try Requirement(line.text).text)
            } catch {
                add(.badRequirement, error.message, at: line.position)
            }
        }
        return found.sorted()
    }
}
