<?php
/**
 * MediaWiki 1.44's command for 1.43: makes the tables and the main page of the wiki that LocalSettings.php describes,
 * by the stock installer's own steps, and no sysop.
 *
 * It may be run again: a finished installation is left alone, and what a killed run left of one is taken away first.
 */

use MediaWiki\Deferred\DeferredUpdates;
use MediaWiki\Installer\CliInstaller;
use MediaWiki\Installer\ConnectionStatus;
use MediaWiki\Installer\DatabaseInstaller;
use MediaWiki\Installer\DatabaseUpdater;
use MediaWiki\Installer\Installer;
use MediaWiki\Installer\MysqlInstaller;
use MediaWiki\MainConfigNames;
use MediaWiki\Registration\ExtensionRegistry;
use MediaWiki\Settings\SettingsBuilder;
use MediaWiki\Status\Status;
use Wikimedia\Rdbms\Database;
use Wikimedia\Rdbms\DatabaseFactory;
use Wikimedia\Rdbms\DBConnectionError;

require_once __DIR__ . '/Maintenance.php';

/** Connects as the wiki itself will: the stock installer knows no authority of certificates, and says nothing of a session. */
class PreConfiguredDatabase extends MysqlInstaller {
	public function __construct( Installer $parent, private readonly array $server, private readonly string $tableOptions ) {
		parent::__construct( $parent );
	}

	/** @inheritDoc */
	protected function openConnection( string $type ) {
		$status = new ConnectionStatus;
		try {
			$status->setDB( ( new DatabaseFactory() )->create( 'mysql', [ 'flags' => 0, 'tablePrefix' => '' ] + $this->server ) );
		} catch ( DBConnectionError $e ) {
			$status->fatal( 'config-connection-error', $e->getMessage() );
		}
		return $status;
	}

	/** @inheritDoc */
	protected function getTableOptions() {
		return $this->tableOptions;
	}
}

/** The stock installer without the steps for what is there already: database, user and settings. */
class PreConfiguredInstaller extends CliInstaller {
	public function connectAs( array $server, string $tableOptions ): void {
		$this->dbInstallers['mysql'] = new PreConfiguredDatabase( $this, $server, $tableOptions );
	}

	private const LEFT_OUT = [ 'database', 'user', 'keys', 'sysop' ];

	/** @inheritDoc */
	protected function getInstallSteps( DatabaseInstaller $installer ) {
		return array_filter( parent::getInstallSteps( $installer ),
			static fn ( $step ) => !in_array( $step['name'], self::LEFT_OUT ) );
	}

	/** @inheritDoc */
	public function getVirtualDomains(): array {
		// Of the extensions that LocalSettings.php loads; the stock installer knows those only that it loads itself.
		return ExtensionRegistry::getInstance()->getAttribute( 'DatabaseVirtualDomains' );
	}
}

class InstallPreConfigured extends Maintenance {
	/** The row of updatelog that an installation writes last. */
	private const FINISHED = [ 'ul_key' => 'installPreConfigured' ];

	private const SECONDS_TO_WAIT_FOR_ANOTHER = 60;

	public function __construct() {
		parent::__construct();
		$this->addDescription( 'Create the tables of a new wiki, using a pre-existing LocalSettings.php' );
	}

	/** @inheritDoc */
	public function getDbType() {
		return Maintenance::DB_NONE;
	}

	/** @inheritDoc */
	public function finalSetup( SettingsBuilder $settingsBuilder ) {
		parent::finalSetup( $settingsBuilder );
		$server = $settingsBuilder->getConfig()->get( MainConfigNames::Server );
		Installer::overrideConfig( $settingsBuilder );
		$settingsBuilder->overrideConfigValue( MainConfigNames::Server, $server );
	}

	/** @inheritDoc */
	public function execute() {
		if ( $this->getConfig()->get( MainConfigNames::SharedDB ) ) {
			$this->fatalError( 'A wiki is installed while WIKI_BOOTSTRAPING is true: later its accounts are the hub\'s.' );
		}
		$installer = $this->newInstaller();
		$status = $installer->getDBInstaller()->getConnection( DatabaseInstaller::CONN_CREATE_TABLES );
		if ( !$status->isOK() ) {
			$this->fatalError( $status );
		}
		$db = $status->getDB();
		if ( !$db->lock( $db->getDBname() . ' install', __METHOD__, self::SECONDS_TO_WAIT_FOR_ANOTHER ) ) {
			$this->fatalError( 'Another installation of this wiki is running.' );
		}
		if ( $this->isFinished( $db ) ) {
			$this->output( "This wiki is installed already.\n" );
			return true;
		}
		$this->removeUnfinished( $db );
		return $this->install( $installer, $db );
	}

	private function newInstaller(): PreConfiguredInstaller {
		$config = $this->getConfig();
		$installer = new PreConfiguredInstaller( $config->get( MainConfigNames::Sitename ), null, [
			'dbtype' => $config->get( MainConfigNames::DBtype ),
			'dbserver' => $config->get( MainConfigNames::DBserver ),
			'dbname' => $config->get( MainConfigNames::DBname ),
			'dbuser' => $config->get( MainConfigNames::DBuser ),
			'dbpass' => $config->get( MainConfigNames::DBpassword ),
			'server' => $config->get( MainConfigNames::Server ),
			'scriptpath' => $config->get( MainConfigNames::ScriptPath ),
			'lang' => $config->get( MainConfigNames::LanguageCode ),
			'skins' => '',
		] );
		$servers = $config->get( MainConfigNames::DBservers );
		if ( $servers && $config->get( MainConfigNames::DBtype ) === 'mysql' ) {
			$installer->connectAs( $servers[0], $config->get( MainConfigNames::DBTableOptions ) );
		}
		// The main page is in the wiki's language; the messages here are for whoever runs the farm.
		$installer->setVar( '_UserLang', 'en' );
		return $installer;
	}

	private function isFinished( Database $db ): bool {
		return $db->tableExists( 'updatelog', __METHOD__ ) && $db->newSelectQueryBuilder()
			->select( '1' )->from( 'updatelog' )->where( self::FINISHED )->caller( __METHOD__ )->fetchField();
	}

	/** A killed run leaves a part of the tables, and the stock installer would leave them like that. */
	private function removeUnfinished( Database $db ): void {
		$tables = array_intersect( $this->ownTables(), $db->listTables() );
		foreach ( array_intersect( [ 'revision', 'user' ], $tables ) as $table ) {
			$rows = $db->newSelectQueryBuilder()->from( $table )->limit( 2 )->caller( __METHOD__ )->fetchRowCount();
			if ( $rows > 1 ) {
				$this->fatalError( 'The database holds a wiki that this command did not make. Nothing was changed.' );
			}
		}
		foreach ( $tables as $table ) {
			$db->dropTable( $table, __METHOD__ );
		}
		if ( $tables ) {
			$this->output( "Removed what an unfinished installation had left.\n" );
		}
	}

	/** @return string[] */
	private function ownTables(): array {
		$maintenance = MW_INSTALL_PATH . '/maintenance';
		$sql = file_get_contents( "$maintenance/tables-generated.sql" );
		preg_match_all( '~CREATE TABLE /\*_\*/(\w+)~', $sql, $matches );
		return $matches[1];
	}

	private function install( PreConfiguredInstaller $installer, Database $db ): bool {
		$results = $installer->performInstallation(
			fn ( string $step ) => $this->output( "[$step] ... " ),
			function ( string $step, Status $status ) {
				$this->output( $status->isOK() ? "done\n" : "\n" );
				if ( !$status->isGood() ) {
					$this->error( $status );
				}
			} );
		if ( !end( $results )->isOK() ) {
			return false;
		}
		DatabaseUpdater::newForDB( $db, false, $this )->doUpdates( [ 'extensions' ] );
		DeferredUpdates::doUpdates();
		$db->newInsertQueryBuilder()->insertInto( 'updatelog' )->row( self::FINISHED )->caller( __METHOD__ )->execute();
		$this->output( "Installation complete.\n" );
		return true;
	}
}

$maintClass = InstallPreConfigured::class;
require_once RUN_MAINTENANCE_IF_MAIN;
