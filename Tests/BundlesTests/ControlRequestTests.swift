import Bundles
import Runs
import Testing

@Suite("Requests to the daemon")
struct ControlRequestTests {
    static let requests: [ControlRequest] = {
        var retry = ControlRequest.Retry(parent: .new(), run: .new())
        retry.input = #"{"z":1.50,"a":[null,"é"]}"#
        retry.queue = QueueName("nightly")
        retry.readsManifest = true
        return [
            .sweep(queue: nil, isDry: false), .sweep(queue: QueueName("q"), isDry: true),
            .retry(ControlRequest.Retry(parent: .new(), run: .new())), .retry(retry), .bundle(of: .new()),
            .removeEnvironments([String(repeating: "0a", count: 16), String(repeating: "f9", count: 16)]),
        ]
    }()

    @Test("They survive the way, input with its digits and order", arguments: requests)
    func roundTrip(_ request: ControlRequest) throws {
        #expect(try ControlRequest.reading(Array(request.json().utf8)).get() == request)
    }

    @Test(
        "What is none says what is wrong with it",
        arguments: [
            ("", "the text ends where a value is wanted"), ("[]", "must be a mapping"),
            ("{}", "'request' must be one of sweep, retry, bundle"),
            (#"{"request": "swep"}"#, "did you mean 'sweep'?"),
            (#"{"request": "sweep", "queue": "A B"}"#, "'queue' must be a queue's name; this is 'A B'"),
            (#"{"request": "sweep", "dry": true}"#, "unknown key 'dry'"),
            (#"{"request": "retry", "parent": "x"}"#, "'parent' must be a run's id"),
            (#"{"request": "bundle"}"#, "'run' is missing"),
            (#"{"request": "remove_environments"}"#, "'keys' is missing"),
            (#"{"request": "remove_environments", "keys": ["../x"]}"#, "'../x' is no environment's key"),
            (#"{"request": "remove_environments", "keys": "all"}"#, "'keys' must be a list"),
            (#"{"request": "sweep", "dry_run": "yes"}"#, "'dry_run' must be true or false"),
        ])
    func wrong(_ text: String, _ message: String) {
        guard case .failure(let invalid) = ControlRequest.reading(Array(text.utf8)) else {
            Issue.record("\(text) was read")
            return
        }
        #expect(invalid.errors.map(\.description).joined(separator: "\n").contains(message), "\(invalid.errors)")
    }
}
