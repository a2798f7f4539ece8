import Foundation
import Glibc

/// Tiny packages, made on the spot: nothing here needs an index of the internet.
extension TemporarySpool {
    /// What installs, as bobbin.yaml names it; uv where it is there.
    static var builders: [String] { uvExists ? ["pip", "uv"] : ["pip"] }

    /// The sandbox sees only /usr.
    static var uvExists: Bool { ["/usr/local/bin", "/usr/bin"].contains { access("\($0)/uv", X_OK) == 0 } }

    /// A directory of packages that everybody may read, beside the spool.
    var packages: String { base + "/packages" }

    /// Makes a wheel: a package of that name that knows its version, and requires others.
    func makeWheel(
        _ name: String, _ version: String = "1.0", requires: [String] = [], in directory: String? = nil
    ) async throws {
        try await python(Self.wheelMaker, [directory ?? packages, name, version] + requires)
    }

    /// Makes an archive of sources whose own code builds its wheel: `before` is what it does then, in Python.
    func makeSources(_ name: String, _ version: String = "1.0", before: String, in directory: String? = nil)
        async throws
    {
        try await python(Self.sourceMaker, [directory ?? packages, name, version, before, Self.wheelMaker])
    }

    private func python(_ program: String, _ arguments: [String]) async throws {
        try await Command.check(["/usr/bin/python3", "-I", "-c", program] + arguments)
    }

    private static let wheelMaker = """
        import base64, hashlib, os, sys, zipfile
        def make(directory, name, version, *requires):
            module = name.replace("-", "_")
            info = f"{module}-{version}.dist-info"
            metadata = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
            files = {
                f"{module}/__init__.py": f"version = {version!r}\\n",
                f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {r}\\n" for r in requires),
                f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
            }
            record = ""
            for path, text in files.items():
                digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
                record += f"{path},sha256={digest},{len(text)}\\n"
            files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\\n"
            os.makedirs(directory, exist_ok=True)
            wheel = f"{module}-{version}-py3-none-any.whl"
            with zipfile.ZipFile(os.path.join(directory, wheel), "w") as archive:
                for path, text in files.items(): archive.writestr(path, text)
            return wheel
        if __name__ == "__main__": make(*sys.argv[1:])
        """

    /// The backend is in the archive itself, so that building needs nothing else.
    private static let sourceMaker = """
        import io, os, sys, tarfile
        directory, name, version, before, maker = sys.argv[1:]
        backend = maker.replace('if __name__ == "__main__": make(*sys.argv[1:])', "")
        backend += f'''
        def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
            exec({before!r}, dict())
            return make(wheel_directory, {name!r}, {version!r})
        '''
        files = {
            "pyproject.toml": '[build-system]\\nrequires = []\\nbuild-backend = "backend"\\nbackend-path = ["."]\\n'
                + f'[project]\\nname = "{name}"\\nversion = "{version}"\\n',
            "backend.py": backend,
            "PKG-INFO": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
        }
        os.makedirs(directory, exist_ok=True)
        root = f"{name}-{version}"
        with tarfile.open(os.path.join(directory, root + ".tar.gz"), "w:gz") as archive:
            for path, text in files.items():
                entry = tarfile.TarInfo(f"{root}/{path}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
        """
}
