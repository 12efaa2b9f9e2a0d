using LmmRec.Cli;

namespace LmmRec.EndToEnd;

/// <summary>What kind of fault an exception is.</summary>
public sealed class FailuresTests
{
    [Fact]
    public void A_file_that_is_too_large_for_the_file_system_ends_all_steps() =>
        Assert.Null(Failures.CauseOf(new ArgumentOutOfRangeException("value", "Specified file length was too large for the file system.")));

    [Fact]
    public async Task A_fault_of_a_loop_over_threads_is_told_by_its_cause()
    {
        var said = new StringWriter();
        Assert.Equal(ExitCode.Failed, await Failures.ReportAsync(new AggregateException(new IOException("No space left on device")), said, ranSteps: false));
        Assert.Equal("cannot read or write: No space left on device", said.ToString().TrimEnd());
    }
}
