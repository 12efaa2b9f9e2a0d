using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LmmRec.Tests;

/// <summary>OpenSSH's server on loopback, run by the user who tests, with keys of its own. Where it is not installed, the tests that need it are skipped and say so.</summary>
public sealed class SshServer : IAsyncLifetime
{
    private const string Program = "/usr/sbin/sshd";

    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private ProcessGuard? _guard;
    private string? _missing;

    /// <summary>Its port; skips the test where there is none.</summary>
    public int Port
    {
        get
        {
            Assert.SkipWhen(_missing is not null, $"there is no SSH server here: {_missing}; on Debian: apt-get install openssh-server");
            return field;
        }
        private set;
    }

    /// <summary>A home folder whose <c>.ssh</c> holds a key that the server takes, and the server's among the known hosts.</summary>
    public string Home => _folder.PathOf("home");

    /// <summary>The files of the server's public keys.</summary>
    public string[] HostKeys => [_folder.PathOf("host_ed25519.pub"), _folder.PathOf("host_rsa.pub")];

    /// <summary>The keys that may log in, a line each.</summary>
    public string AuthorizedKeys => _folder.PathOf("authorized_keys");

    /// <summary>The address of a folder of the test's own.</summary>
    public string AddressOf(string name) => $"sftp://{Environment.UserName}@127.0.0.1:{Port}{_folder.PathOf(name)}";

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            _missing = $"{Program} is not installed";
            return;
        }
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd"); // where sshd locks itself in
        await KeyAsync("host_ed25519", "ed25519");
        await KeyAsync("host_rsa", "rsa");
        var ssh = Directory.CreateDirectory(Path.Combine(Home, ".ssh")).FullName;
        await KeyAsync(Path.Combine(ssh, "id_ed25519"), "ed25519");
        File.Copy(Path.Combine(ssh, "id_ed25519.pub"), AuthorizedKeys);
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        File.WriteAllLines(Path.Combine(ssh, "known_hosts"), HostKeys.Select(file => $"[127.0.0.1]:{Port} {File.ReadAllText(file)}"));
        File.WriteAllLines(_folder.PathOf("sshd_config"),
        [
            "ListenAddress 127.0.0.1", $"Port {Port}", $"HostKey {_folder.PathOf("host_ed25519")}", $"HostKey {_folder.PathOf("host_rsa")}", $"AuthorizedKeysFile {AuthorizedKeys}",
            "StrictModes no", "UsePAM no", "PasswordAuthentication no", "PidFile none", "Subsystem sftp internal-sftp", "LogLevel INFO",
        ]);
        await StartAsync();
    }

    /// <summary>Ends it, and the connections to it, as a power cut would.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        _guard?.Dispose();
        _process?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes a pair of keys.</summary>
    public async Task KeyAsync(string file, string type, string passphrase = "")
    {
        using var made = Process.Start("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", Path.Combine(_folder.Path, file)]);
        await made.WaitForExitAsync();
        Assert.Equal(0, made.ExitCode);
    }

    /// <summary>Starts it, again after <see cref="Kill"/>.</summary>
    public async Task StartAsync()
    {
        var listening = new TaskCompletionSource();
        var said = new System.Text.StringBuilder();
        _process = new Process { StartInfo = new ProcessStartInfo(Program, ["-D", "-e", "-f", _folder.PathOf("sshd_config")]) { RedirectStandardError = true }, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (said) said.AppendLine(line.Data);
            if (line.Data?.Contains("Server listening", StringComparison.Ordinal) == true) listening.TrySetResult();
        };
        _process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException($"sshd ended: {said}"));
        _process.Start();
        _guard = new ProcessGuard(_process);
        _process.BeginErrorReadLine();
        await listening.Task;
    }
}
