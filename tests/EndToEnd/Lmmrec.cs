using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LmmRec.EndToEnd;

/// <summary>The real command in a process of its own.</summary>
internal sealed class Lmmrec : IDisposable
{
    private readonly Process _process;
    private readonly ProcessGuard _guard;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private Lmmrec(string folder, string[] launcher, string[] arguments, string? build = null)
    {
        // Who started the tests may ignore SIGINT, as a shell does for what it runs in the background; the command must not inherit that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. launcher, "dotnet", Path.Combine(build ?? AppContext.BaseDirectory, "lmmrec.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _guard = new ProcessGuard(_process);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Error => Text(_error);

    public int Id => _process.Id;

    /// <summary>Starts the command in <paramref name="folder"/> and goes on.</summary>
    public static Lmmrec Start(string folder, params string[] arguments) => new(folder, [], arguments);

    /// <summary>Runs the command to its end.</summary>
    public static async Task<Ended> RunAsync(string folder, params string[] arguments)
    {
        using var command = Start(folder, arguments);
        return await command.EndAsync();
    }

    /// <summary>Starts the command under <paramref name="launcher"/>: variables as NAME=value, then a program that starts what follows it.</summary>
    public static Lmmrec StartUnder(string folder, string[] launcher, params string[] arguments) => new(folder, launcher, arguments);

    /// <summary>Runs the command to its end under <paramref name="launcher"/>.</summary>
    public static async Task<Ended> RunUnderAsync(string folder, string[] launcher, params string[] arguments)
    {
        using var command = StartUnder(folder, launcher, arguments);
        return await command.EndAsync();
    }

    /// <summary>The same with another build of the command, in the folder <paramref name="build"/>.</summary>
    public static async Task<Ended> RunBuildAsync(string build, string folder, string[] launcher, params string[] arguments)
    {
        using var command = new Lmmrec(folder, launcher, arguments, build);
        return await command.EndAsync();
    }

    public async Task<Ended> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ended(_process.ExitCode, Output, Error);
    }

    /// <summary>Waits until standard error holds <paramref name="text"/>; fails when the command ends before.</summary>
    public Task WaitForAsync(string text) => WaitForAsync(() => Error.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until something holds that the command brings about; fails when the command ends before.</summary>
    public async Task WaitForAsync(Func<bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        while (!holds())
        {
            Assert.False(_process.HasExited, $"ended before '{what}':\n{Output}\n{Error}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the command has written so often, or ends. Gives how often it did.</summary>
    public async Task<long> WaitForWritesAsync(long times)
    {
        var writes = 0L;
        while (!_process.HasExited && writes < times)
        {
            writes = Math.Max(writes, Writes());
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        return writes;
    }

    public void Kill() => _process.Kill();

    public void Interrupt() => Process.Start("kill", ["-INT", Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    public void Dispose()
    {
        _guard.Dispose();
        _process.Dispose();
    }

    // As the kernel counts; a process that ends has no count any more.
    private long Writes()
    {
        try
        {
            return long.Parse(File.ReadLines($"/proc/{Id}/io").First(line => line.StartsWith("syscw: ", StringComparison.Ordinal))["syscw: ".Length..], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}

/// <summary>How the command ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    /// <summary>Fails with all that the command said unless it ended with <paramref name="exitCode"/>.</summary>
    public Ended Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\n--- output\n{Output}\n--- error\n{Error}");
        return this;
    }
}
