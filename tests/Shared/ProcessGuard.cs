using System.Diagnostics;

namespace LmmRec.Tests;

/// <summary>
/// Sees to it that a process which a test started does not outlive it and is not waited for without end: it is killed, with all that it started,
/// when the test ends and after a time that nothing takes. Who waits for it then sees it end with a signal.
/// </summary>
internal sealed class ProcessGuard : IDisposable
{
    // No measure of speed: ten times what the longest process of a test takes on a busy machine.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public ProcessGuard(Process process)
    {
        _process = process;
        _end.Token.Register(Kill);
        _end.CancelAfter(Longest);
    }

    public void Dispose()
    {
        Kill();
        _end.Dispose();
    }

    private void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }
}
