using System.Diagnostics;
using System.Globalization;

namespace LmmRec.Tests;

/// <summary>
/// s3rver, a server that speaks as S3 does, on loopback, with an empty bucket. It is found on the path, else installed by npm into the user's cache;
/// where neither can be had, the tests that need it are skipped and say so.
/// </summary>
public sealed class S3Server : IAsyncLifetime
{
    public const string Bucket = "handoff", Key = "S3RVER", Secret = "S3RVER";

    private const string Package = "s3rver@3.7.1", Listens = "listening on ";

    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private ProcessGuard? _guard;
    private string? _missing;
    private Uri? _endpoint;

    /// <summary>Its address; skips the test where there is none.</summary>
    public Uri Endpoint
    {
        get
        {
            Assert.SkipWhen(_missing is not null, $"there is no s3rver here: {_missing}");
            return _endpoint!;
        }
    }

    /// <summary>What the AWS SDK of a command takes it from, as NAME=value.</summary>
    public string[] Environment =>
        [$"AWS_ENDPOINT_URL={Endpoint.OriginalString}", $"AWS_ACCESS_KEY_ID={Key}", $"AWS_SECRET_ACCESS_KEY={Secret}", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true"];

    public async ValueTask InitializeAsync()
    {
        if (await FindAsync() is { } program) await StartAsync(program);
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill() => _process!.Kill(entireProcessTree: true);

    public ValueTask DisposeAsync()
    {
        _guard?.Dispose();
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartAsync(string program)
    {
        var listening = new TaskCompletionSource<Uri>();
        var said = new System.Text.StringBuilder();
        _process = new Process { StartInfo = new ProcessStartInfo(program, ["-d", _folder.PathOf("data"), "-a", "127.0.0.1", "-p", "0", "--configure-bucket", Bucket]) { RedirectStandardOutput = true, RedirectStandardError = true }, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"s3rver ended: {said}"));
        _process.Start();
        _guard = new ProcessGuard(_process);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _endpoint = await listening.Task;

        void Hear(string? line)
        {
            lock (said) said.AppendLine(line);
            if (line?.IndexOf(Listens, StringComparison.Ordinal) is >= 0 and var at) listening.TrySetResult(new Uri($"http://{line[(at + Listens.Length)..].Trim()}"));
        }
    }

    private async Task<string?> FindAsync()
    {
        var path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "s3rver")).FirstOrDefault(File.Exists);
        if (path is not null) return path;
        var cache = Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".cache", "lmmrec-tests", Package);
        var program = Path.Combine(cache, "node_modules", ".bin", "s3rver");
        if (File.Exists(program)) return program;
        // Beside the others first, since several test programs may do this at once.
        var own = $"{cache}-{System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--silent", "--no-fund", "--no-audit", "--prefix", own, Package]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var guard = new ProcessGuard(npm);
            var said = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
            await npm.WaitForExitAsync();
            if (npm.ExitCode != 0) _missing = $"npm cannot install {Package}: {string.Concat(said)}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            _missing = $"neither s3rver nor npm, which would install {Package}, is on the path";
        }
        if (_missing is not null) return null;
        if (Directory.Exists(cache)) Directory.Delete(own, recursive: true);
        else Directory.Move(own, cache);
        return program;
    }
}
