package vigil.peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.batch.core.Job;
import org.springframework.batch.core.JobParametersBuilder;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.support.TaskExecutorJobLauncher;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.support.JobRepositoryFactoryBean;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.item.database.JdbcBatchItemWriter;
import org.springframework.batch.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.item.file.FlatFileItemReader;
import org.springframework.batch.item.file.builder.FlatFileItemReaderBuilder;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Loads a CSV of visits into a table, chunk by chunk, restartable: the job repository stands in the same database. */
public final class LoadVisits {
  record Visit(String patientId, LocalDate visitDate, String code, String description, String treatment, String physician, String department) {}

  public static void main(String[] args) throws Exception {
    Map<String, String> given = Arrays.stream(args).map(arg -> arg.split("=", 2)).collect(Collectors.toMap(part -> part[0], part -> part[1]));
    int chunk = Integer.parseInt(given.getOrDefault("chunk", "5000"));
    var pool = new com.zaxxer.hikari.HikariDataSource();
    pool.setJdbcUrl(given.get("url"));
    pool.setUsername(given.get("user"));
    pool.setPassword(given.get("password"));
    pool.setMaximumPoolSize(4);
    DataSource source = pool;
    new ResourceDatabasePopulator(
            new ClassPathResource("org/springframework/batch/core/schema-drop-postgresql.sql"),
            new ClassPathResource("org/springframework/batch/core/schema-postgresql.sql"))
        .execute(source);
    var transactions = new JdbcTransactionManager(source);
    JobRepository repository = repositoryOf(source, transactions);

    FlatFileItemReader<Visit> reader =
        new FlatFileItemReaderBuilder<Visit>()
            .name("visits")
            .resource(new FileSystemResource(given.get("file")))
            .linesToSkip(1)
            .delimited()
            .names("patient_id", "visit_date", "diagnosis_code", "diagnosis_description", "treatment_code", "physician_id", "department")
            .fieldSetMapper(
                set ->
                    new Visit(
                        set.readString(0), LocalDate.parse(set.readString(1)), set.readString(2), set.readString(3), set.readString(4), set.readString(5), set.readString(6)))
            .build();
    JdbcBatchItemWriter<Visit> writer =
        new JdbcBatchItemWriterBuilder<Visit>()
            .dataSource(source)
            .sql("INSERT INTO " + given.get("table") + " (patient_id, visit_date, diagnosis_code, diagnosis_description, treatment_code, physician_id, department) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .itemPreparedStatementSetter(
                (visit, statement) -> {
                  statement.setString(1, visit.patientId());
                  statement.setObject(2, visit.visitDate());
                  statement.setString(3, visit.code());
                  statement.setString(4, visit.description());
                  statement.setString(5, visit.treatment());
                  statement.setString(6, visit.physician());
                  statement.setString(7, visit.department());
                })
            .assertUpdates(false)
            .build();
    writer.afterPropertiesSet();
    Step step = new StepBuilder("load", repository).<Visit, Visit>chunk(chunk, transactions).reader(reader).writer(writer).build();
    Job job = new JobBuilder("visits", repository).start(step).build();
    var launcher = new TaskExecutorJobLauncher();
    launcher.setJobRepository(repository);
    launcher.setTaskExecutor(new SyncTaskExecutor());
    launcher.afterPropertiesSet();

    long started = System.nanoTime();
    var execution = launcher.run(job, new JobParametersBuilder().addString("table", given.get("table")).toJobParameters());
    double seconds = (System.nanoTime() - started) / 1e9;
    long rows = execution.getStepExecutions().iterator().next().getWriteCount();
    pool.close();
    System.out.printf("{\"rows\":%d,\"seconds\":%.4f,\"cpuSeconds\":%.4f,\"peakMemoryMiB\":%.1f,\"status\":\"%s\"}%n", rows, seconds, cpuSeconds(), peakMiB(), execution.getStatus());
  }

  private static JobRepository repositoryOf(DataSource source, JdbcTransactionManager transactions) throws Exception {
    var factory = new JobRepositoryFactoryBean();
    factory.setDataSource(source);
    factory.setTransactionManager(transactions);
    factory.setDatabaseType("POSTGRES");
    factory.afterPropertiesSet();
    return factory.getObject();
  }

  private static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }

  private static double peakMiB() throws IOException {
    String status = Files.readString(Path.of("/proc/self/status"));
    int at = status.indexOf("VmHWM:");
    return Double.parseDouble(status.substring(at + 6, status.indexOf("kB", at)).trim()) / 1024;
  }
}
