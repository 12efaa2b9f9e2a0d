using System.Globalization;
using LmmRec.Artifacts.Store;
using LmmRec.Tests;

// Takes the lock of a folder in the workspace of the first argument, raises the number in the file 'count' there by one, and gives the lock back, as
// often as the second argument says. Each number that it made is a line of output, so whoever starts several sees whether two of them ever held the lock at
// once.
var (workspace, times) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
var clock = new FastClock(times: 100);
for (var time = 0; time < times; time++)
{
    await using var held = await StageLock.TakeAsync(workspace, ["sample/models"], "locker", IfLocked.Wait, _ => { }, clock, CancellationToken.None);
    using var file = File.OpenHandle(Path.Combine(workspace, "count"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
    var bytes = new byte[sizeof(int)];
    RandomAccess.Read(file, bytes, 0);
    var next = BitConverter.ToInt32(bytes) + 1;
    await Task.Yield(); // where it is preempted, others have their chance
    RandomAccess.Write(file, BitConverter.GetBytes(next), 0);
    Console.WriteLine(next);
}
